"""The parts of the screens, one in each file. They show what they are handed."""
