"""Videos: their frames, times, orientation, colours and sound, read and written with PyAV."""
