"""Every option once: tables by subject, a row per option, and what a row says."""
