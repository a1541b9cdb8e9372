/** What is wrong with one field: its name, dotted where it is nested, and a phrase that goes on from it, without its value. */
export type FieldFault = { readonly field: string; readonly detail: string };
