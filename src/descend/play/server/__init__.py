"""The page's server: one page, one WebSocket, one session, and nobody else comes in."""
