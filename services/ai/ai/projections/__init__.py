"""Tables of ai that are read: the two ledgers of results, and the jobs that lead to them."""
