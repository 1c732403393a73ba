// Drawn in place: as a picture of its own it would be a document more for the browser to make.
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 32 32">
      <rect width="32" height="32" rx="7" fill="#1554d1" />
      <path d="M9 25V7h8.5a6 6 0 0 1 0 12H13v6z" fill="#fff" />
      <circle cx="24" cy="23.500" r="3" fill="#7be0c3" />
    </svg>
  );
}
