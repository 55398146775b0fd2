"""Files notes on an SFTP server."""
