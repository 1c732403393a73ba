package region

import (
	"context"
	"fmt"
	"time"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// surveyEvery is how often a whole region is compared with the database; events tell in between.
	surveyEvery = 5 * time.Minute
	surveyTime  = 2 * time.Minute
	pageSize    = 500
)

// Run connects every region there is and follows them until ctx ends; regions that come later are followed, too.
func (f *Fleet) Run(ctx context.Context) error {
	f.mu.Lock()
	f.root = ctx
	for _, m := range f.members {
		f.follow(m)
	}
	f.mu.Unlock()
	err := resource.All(ctx, f.objects.View(resource.Everything), resource.Query{Kind: "region", Limit: pageSize}, func(o resource.Raw) error {
		if _, err := f.driver(ctx, o.ID); err != nil {
			f.log.Warn("a region can not be connected; its next pass tries again", "region", o.Name, "error", err)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		f.log.Warn("regions can not be listed; each is connected by the first call to it", "error", err)
	}
	<-ctx.Done()
	f.mu.Lock()
	for place := range f.members {
		f.drop(place)
	}
	f.mu.Unlock()
	f.parts.Wait()
	return nil
}

// follow starts a member's watch and surveys; it is called with the lock held, and does nothing before Run.
func (f *Fleet) follow(m *member) {
	if f.root == nil || f.root.Err() != nil || m.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(f.root)
	m.stop = stop
	f.parts.Go(func() { f.listen(ctx, m) })
	f.parts.Go(func() { f.survey(ctx, m) })
	f.parts.Go(func() { f.heed(ctx, m) })
}

// heed has the region looked at when one of its services has begun to fail, or answers again.
func (f *Fleet) heed(ctx context.Context, m *member) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.Turned():
			f.touch(ctx, "region", m.place, "a service of it has begun to fail, or answers again")
		}
	}
}

// listen keeps the region's stream of events; a stream that ends begins anew.
func (f *Fleet) listen(ctx context.Context, m *member) {
	for ctx.Err() == nil {
		err := m.Watch(ctx, func(e provider.Event) { f.event(ctx, m, e) }, func(cause string) { m.want(cause) })
		if ctx.Err() != nil {
			return
		}
		if provider.ReasonOf(err) == provider.ReasonInvalid {
			f.log.Info("a region tells nothing by itself: surveys have to do", "region", m.place, "reason", err)
			m.want("it has no events")
			return
		}
		f.log.Warn("a region's events have stopped", "region", m.place, "error", err)
		m.want("its events had stopped")
		pause(ctx, 5*time.Second)
	}
}

func (m *member) want(cause string) {
	select {
	case m.due <- cause:
	default:
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// event asks for a look at what the region's cloud says has changed; whether it was meant to, the reconciler finds out.
func (f *Fleet) event(ctx context.Context, m *member, e provider.Event) {
	cause := fmt.Sprintf("%s %s in its region", e.Kind, e.Change)
	if e.Reason != "" {
		cause += " (" + e.Reason + ")"
	}
	switch e.Kind {
	case "host":
		e.Kind, e.ID = "region", m.place
	case "machine":
		e.Kind = "baremetal"
	}
	if e.ID == "" {
		return // what Plaza did not make is found by discovery
	}
	f.touch(ctx, e.Kind, e.ID, cause)
}

func (f *Fleet) touch(ctx context.Context, kind, id, cause string) {
	if err := f.objects.Touch(ctx, kind, id, cause); err != nil && ctx.Err() == nil {
		f.log.Warn("a change in a region can not be queued; the next survey will tell again", "kind", kind, "id", id, "error", err)
	}
}

// survey compares the region with the database now and then, and whenever events may have been lost.
func (f *Fleet) survey(ctx context.Context, m *member) {
	tick := time.NewTicker(surveyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-m.due:
		}
		f.touch(ctx, "region", m.place, "a survey is due")
		look, cancel := context.WithTimeout(ctx, surveyTime)
		if err := f.compare(look, m); err != nil && ctx.Err() == nil {
			f.log.Warn("a region can not be surveyed", "region", m.place, "error", err)
		}
		cancel()
	}
}

// compare looks at the whole region, and hands what was seen to who knows what should be there.
func (f *Fleet) compare(ctx context.Context, m *member) error {
	look, err := drift.Look(ctx, m.Region, m.place)
	if err != nil {
		return err
	}
	for kind, why := range look.Failed {
		f.log.Warn("a part of a region can not be surveyed", "region", m.place, "kind", kind, "error", why)
	}
	return f.drift.Survey(ctx, m.place, "its region", look)
}

// Resurvey asks for another look at a region soon; it does nothing for other places.
func (f *Fleet) Resurvey(place, cause string) {
	f.mu.Lock()
	m := f.members[place]
	f.mu.Unlock()
	if m != nil {
		m.want(cause)
	}
}
