package resource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// eraser turns a kind's typed functions into ones on raw objects.
type eraser[S, T any] struct{ k Kind[S, T] }

type erased interface {
	admit(ctx context.Context, a *Admission, old, o *Raw) (Charges, Measures, error)
	validateDelete(ctx context.Context, a *Admission, o Raw) error
	reconcile(ctx context.Context, r *Reconciliation, o *Raw) (Result, error)
	retire(ctx context.Context, r *Reconciliation, o *Raw) (Result, error)
	remove(ctx context.Context, r *Reconciliation, o *Raw) (Result, error)
	act(ctx context.Context, a *Admission, o *Raw, action string, input json.RawMessage) error
	meter(o Raw) (Measures, error)
	charges(o Raw) (Charges, error)
	forecast(ctx context.Context, r Reader, o Raw) (Charges, error)
}

func (d *Definition) erase(e erased) {
	d.admit, d.validateDelete, d.reconcile = e.admit, e.validateDelete, e.reconcile
	d.retire, d.remove, d.act, d.meter, d.charges, d.forecast = e.retire, e.remove, e.act, e.meter, e.charges, e.forecast
}

func (e eraser[S, T]) admit(ctx context.Context, a *Admission, oldRaw, raw *Raw) (Charges, Measures, error) {
	o := Object[S, T]{Meta: raw.Meta}
	if err := strict(e.k.Name, "spec", raw.Spec, &o.Spec); err != nil {
		return nil, nil, err
	}
	if err := decode(raw.Status, &o.Status); err != nil {
		return nil, nil, err
	}
	var old *Object[S, T]
	if oldRaw != nil {
		before, err := As[S, T](*oldRaw)
		if err != nil {
			return nil, nil, err
		}
		old = &before
	}
	if e.k.Default != nil {
		if err := e.k.Default(ctx, a, &o); err != nil {
			return nil, nil, err
		}
	}
	if e.k.Validate != nil {
		if err := e.k.Validate(ctx, a, old, &o); err != nil {
			return nil, nil, err
		}
	}
	out, err := ToRaw(o)
	if err != nil {
		return nil, nil, err
	}
	*raw = out
	var charges Charges
	if e.k.Charge != nil {
		charges = e.k.Charge(&o)
	}
	var measures Measures
	if e.k.Meter != nil {
		measures = e.k.Meter(&o)
	}
	return charges, measures, nil
}

func (e eraser[S, T]) validateDelete(ctx context.Context, a *Admission, raw Raw) error {
	if e.k.ValidateDelete == nil {
		return nil
	}
	o, err := As[S, T](raw)
	if err != nil {
		return err
	}
	return e.k.ValidateDelete(ctx, a, &o)
}

func (e eraser[S, T]) reconcile(ctx context.Context, r *Reconciliation, raw *Raw) (Result, error) {
	if e.k.Reconcile == nil {
		return Result{Done: true}, nil
	}
	return onTyped(ctx, r, raw, e.k.Reconcile)
}

func (e eraser[S, T]) retire(ctx context.Context, r *Reconciliation, raw *Raw) (Result, error) {
	if e.k.Retire == nil {
		return Result{Done: true}, nil
	}
	return onTyped(ctx, r, raw, e.k.Retire)
}

func (e eraser[S, T]) remove(ctx context.Context, r *Reconciliation, raw *Raw) (Result, error) {
	if e.k.Delete == nil {
		return Result{Done: true}, nil
	}
	return onTyped(ctx, r, raw, e.k.Delete)
}

// onTyped calls f on the typed object and keeps what it wrote into status and conditions, also when it failed.
func onTyped[S, T any](ctx context.Context, r *Reconciliation, raw *Raw, f func(context.Context, *Reconciliation, *Object[S, T]) (Result, error)) (Result, error) {
	o, err := As[S, T](*raw)
	if err != nil {
		return Result{}, err
	}
	res, ferr := f(ctx, r, &o)
	status, err := json.Marshal(o.Status)
	if err != nil {
		return res, errors.Join(ferr, err)
	}
	raw.Status, raw.Conditions, raw.Finalizers = status, o.Conditions, o.Finalizers
	return res, ferr
}

func (e eraser[S, T]) act(ctx context.Context, a *Admission, raw *Raw, name string, input json.RawMessage) error {
	action, ok := e.k.Actions[name]
	if !ok {
		return Problemf(ReasonNotFound, e.k.Name, "", "a %s has no action %q", e.k.Name, name)
	}
	o, err := As[S, T](*raw)
	if err != nil {
		return err
	}
	var in any
	if action.Input != nil {
		in = reflect.New(reflect.TypeOf(action.Input).Elem()).Interface()
		if len(input) > 0 {
			if err := strict(e.k.Name, "input", input, in); err != nil {
				return err
			}
		}
	}
	if err := action.Apply(ctx, a, &o, in); err != nil {
		return err
	}
	out, err := ToRaw(o)
	if err == nil {
		raw.Spec = out.Spec
	}
	return err
}

func (e eraser[S, T]) meter(raw Raw) (Measures, error) {
	if e.k.Meter == nil {
		return nil, nil
	}
	o, err := As[S, T](raw)
	if err != nil {
		return nil, err
	}
	return e.k.Meter(&o), nil
}

func (e eraser[S, T]) charges(raw Raw) (Charges, error) {
	if e.k.Charge == nil {
		return nil, nil
	}
	o, err := As[S, T](raw)
	if err != nil {
		return nil, err
	}
	return e.k.Charge(&o), nil
}

func (e eraser[S, T]) forecast(ctx context.Context, r Reader, raw Raw) (Charges, error) {
	if e.k.Forecast == nil {
		return e.charges(raw)
	}
	o := Object[S, T]{Meta: raw.Meta}
	if err := strict(e.k.Name, "spec", raw.Spec, &o.Spec); err != nil {
		return nil, err
	}
	return e.k.Forecast(ctx, r, &o)
}

// versions takes over how specs are kept. What is sealed can not be handed to subscribers, so that is refused.
func (e eraser[S, T]) versions(d *Definition) {
	v := e.k.Versions
	if v == nil {
		return
	}
	if len(e.k.Secrets) > 0 || v.Keep < 1 || v.Describe == nil {
		panic(fmt.Sprintf("resource: kind %q is versioned with secrets, keeps nothing, or has no Describe", e.k.Name))
	}
	d.Versions = v.Keep
	d.describe = func(raw Raw) (hash, comment string, err error) {
		o, err := As[S, T](raw)
		if err != nil {
			return "", "", err
		}
		hash, comment = v.Describe(o.Spec)
		return hash, comment, nil
	}
	if v.Tally == nil {
		return
	}
	d.tally = func(raw *Raw, t Tally) error {
		o, err := As[S, T](*raw)
		if err != nil {
			return err
		}
		v.Tally(&o, t)
		raw.Status, err = json.Marshal(o.Status)
		return err
	}
}

// Forecast tells what an object with this spec, and those it will make, are going to take from the project's quota.
func (d *Definition) Forecast(ctx context.Context, r Reader, o Raw) (Charges, error) {
	return d.forecast(ctx, r, o)
}

// strict decodes JSON that a user wrote: unknown fields and wrong types are named by their path.
func strict(kind, root string, data json.RawMessage, into any) error {
	if len(data) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return Invalid(kind, root, nil, "more than one JSON value")
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return Invalid(kind, strings.TrimSuffix(root+"."+wrong.Field, "."), nil, "expected %s, got %s", wrong.Type, wrong.Value)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return Invalid(kind, root+"."+strings.Trim(field, `"`), nil, "there is no such field")
	}
	return Invalid(kind, root, nil, "not valid JSON: %v", err)
}
