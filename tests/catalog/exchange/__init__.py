"""Question exchange: out, in, and what is said of the files of others."""
