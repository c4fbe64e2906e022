"""The drop-in endpoint: any OpenAI client, and the door behind it."""
