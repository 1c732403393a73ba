/** Keeps what is made for a language, for all who ask later. */
export function perLanguage<T>(make: (language: string) => T): (language: string) => T {
  const made = new Map<string, T>();
  return (language) => {
    const have = made.get(language) ?? make(language);
    made.set(language, have);
    return have;
  };
}
