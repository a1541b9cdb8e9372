/**
 * Ajv's options for schemas that are part of the program. To compile the schema of schemas first would take longer than all
 * else that a process loads; strict mode and the keywords' own checks refuse a schema that is wrong.
 */
export const OWN_SCHEMA = { validateSchema: false, meta: false } as const;
