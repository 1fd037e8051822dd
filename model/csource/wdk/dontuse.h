/* Marks functions as unwelcome; nothing changes. */
