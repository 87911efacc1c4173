/**
 * How many steps, calls and other requests have been made. Model code that makes one and does not ask for it has forgotten a
 * `yield*`: whoever runs it compares.
 */
export const made = { count: 0 }
