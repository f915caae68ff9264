"""The rules, case by case: every grid is walked in full."""
