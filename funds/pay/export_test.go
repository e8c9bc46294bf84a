package pay

// TakeBack is the statement that guards refunds.
var TakeBack = takeBack
