"""Reading without a language model: pure functions that find, weigh and check sentences."""
