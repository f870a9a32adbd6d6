"""What the commands do, one function a verb."""
