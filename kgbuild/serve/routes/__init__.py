"""The service's routers, a file a group."""
