"""What is true for all inputs."""
