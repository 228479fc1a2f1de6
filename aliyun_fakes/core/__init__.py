"""What every fake service stands on: clock, dispatch, faults, ids, signatures and the two fronts."""
