"""What the pages of the designer show, as questions to the database. Nothing here writes."""
