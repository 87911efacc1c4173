/** What instrumented code of a user's imports its helpers as: engine/model/at of the running package. */
export const RUNTIME = 'mmrace/runtime'

/** And what looks at their arguments: cli/arguments. The page has no such thing: it gets what the command has run. */
export const CHECKER = 'mmrace/arguments'
