"""What the desk costs: intake, push, memory, start; real processes, loopback only, nothing mocked."""
