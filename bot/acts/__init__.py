"""What people do on screens, the same in every chat: what a press, a sent form or a typed line comes to."""
