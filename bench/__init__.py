"""The flows of docs/performance.md, measured beside a bare program in one run: ``python -m bench``."""
