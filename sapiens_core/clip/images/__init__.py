"""What the images of a clip tell beside their people: cuts, and how the camera moves."""
