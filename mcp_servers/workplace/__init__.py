"""The workplace of Skerrow Instruments, a firm that does not exist: people, leave, tickets, rooms, claims, mail."""
