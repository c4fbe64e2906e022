"""Guard policies: which checks look at which texts, and what is done about what they find."""
