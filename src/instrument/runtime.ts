/** What instrumented code of a user's imports its helpers as: engine/model/at of the running package. */
export const RUNTIME = 'mmrace/runtime'
