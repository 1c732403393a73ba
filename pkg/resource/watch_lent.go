package resource

import (
	"context"
	"time"
)

// reachAge is how long a watcher goes by what it saw of the tree.
const reachAge = 5 * time.Second

// borrowing is what a watcher sees of a kind's objects that are lent.
type borrowing struct {
	def   *Definition
	reach reach
	read  time.Time
	seen  map[string]bool // ids of objects that it was told of, or found when it began
}

// borrow notes what is lent to a watcher as it begins, so that it is told when that ends.
func (w *watcher) borrow(ctx context.Context) error {
	w.lent = map[string]*borrowing{}
	if w.view.scope.all {
		return nil
	}
	for _, def := range w.view.store.registry.kinds {
		if def.Lent == "" || len(w.kinds) > 0 && !w.kinds[def.Name] {
			continue
		}
		b := &borrowing{def: def, seen: map[string]bool{}}
		w.lent[def.Name] = b
		if err := b.look(ctx, w.view); err != nil {
			return err
		}
		var ids []string
		err := b.reach.limit(w.view.store.db.Read.NewSelect().Table("objects").Column("id").Where("kind = ?", def.Name)).Scan(ctx, &ids)
		if err != nil {
			return away(err)
		}
		for _, id := range ids {
			b.seen[id] = true
		}
	}
	return nil
}

// look reads anew which nodes are above what the watcher sees.
func (b *borrowing) look(ctx context.Context, v View) (err error) {
	if time.Since(b.read) < reachAge {
		return nil
	}
	b.reach, err = v.reach(ctx, b.def, "")
	b.read = time.Now()
	return err
}

// borrows tells whether a watcher is told of an object outside of its scope: one that is lent to it, or was until now, of
// which it only hears that it is gone.
func (w *watcher) borrows(e *Event) bool {
	b := w.lent[e.Kind]
	if b == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := b.look(ctx, w.view); err == nil && e.Object != nil && b.reach.reaches(e.Object) {
		b.seen[e.ObjectID] = true
		o := w.view.veiled(b.def, *e.Object)
		e.Object = &o
		return true
	}
	if !b.seen[e.ObjectID] || e.Change == "put" && e.Object == nil { // it went while the event was read; its end is told next
		return false
	}
	delete(b.seen, e.ObjectID)
	e.Change, e.Object = "delete", nil
	return true
}
