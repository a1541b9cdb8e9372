/**
 * Ajv's options for schemas that are part of the program: every process would compile the schema of schemas when it starts, to
 * check what doesn't change. Strict mode still refuses keywords that it doesn't know and values of the wrong type.
 */
export const OWN_SCHEMA = { validateSchema: false, meta: false } as const;
