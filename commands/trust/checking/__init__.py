"""Whether weights are what they seem: a look at photos whose keypoints are known."""
