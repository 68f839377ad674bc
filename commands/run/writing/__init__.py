"""What is written of a clip while other frames are looked at, and how far that is."""
