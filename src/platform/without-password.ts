/** A connection string fit for logs: user and password removed, and what a parameter says of a password. */
export function withoutPassword(url: string): string {
  // Up to the last @: one that is not encoded is part of the password.
  return url.replace(/\/\/[^/]*@/g, "//").replace(/(\w*password=)[^&]*/gi, "$1…");
}
