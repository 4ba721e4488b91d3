"""The line on Ray: workers with models of their own record documents, one process links them."""
