"""What is looked at before a text is trusted: questions, personal data, secrets, disguises."""
