/**
 * Ajv's options for schemas that are part of the program. To compile the schema of schemas first would take longer than all
 * else that a process loads; strict mode refuses keywords that it doesn't know and values of the wrong type.
 */
export const OWN_SCHEMA = { validateSchema: false, meta: false } as const;
