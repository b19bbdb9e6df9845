"""The logs of rooms on NATS JetStream, for a Hall of several servers. Only here is `nats` known."""
