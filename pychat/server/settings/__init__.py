"""What an operator sets: pychat.toml, PYCHAT_… in the environment, the command line."""
