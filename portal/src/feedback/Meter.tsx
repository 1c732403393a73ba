/** How much of something there is; label says it in words. */
export function Meter({ percent, label, colour }: { percent: number; label: string; colour: string }) {
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <div style={{ width: `${Math.min(100, percent)}%`, background: colour }} />
    </div>
  );
}
