"""Pure decisions: grading, which items to show, how a scenario goes on, and when a capstone attempt is open."""
