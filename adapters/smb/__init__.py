"""Files notes on a Windows or Samba share, without mounting it."""
