"""Chats with a flow: each message of a person is a run, each answer its outcome."""
