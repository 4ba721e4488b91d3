"""The MCP server: a graph's reading tools for an assistant, every fact with its citation."""
