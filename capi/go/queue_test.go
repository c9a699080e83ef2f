package slickq_test

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"

	"slickq"
)

func TestIndicesAreComparedAcrossTheirWrap(t *testing.T) {
	const last = 1<<48 - 1
	for _, layout := range []slickq.Layout{slickq.LayoutSLQ1, slickq.LayoutPacked} {
		if layout.Distance(last, 1) != 2 || layout.Distance(1, last) != -2 || layout.Add(last, 2) != 1 || layout.Add(1, -2) != last {
			t.Error(layout, layout.Distance(last, 1), layout.Distance(1, last), layout.Add(last, 2), layout.Add(1, -2))
		}
	}
	if far := slickq.LayoutWide.Distance(last, 1); far != 1-last {
		t.Error(far)
	}
}

func TestCreateOpenRemove(t *testing.T) {
	name := freshName(t)
	_, err := slickq.Open[tick](name, slickq.Options{Timeout: slickq.NoWait})
	checkIs(t, err, slickq.ErrNotFound)
	checkIs(t, err, fs.ErrNotExist)

	made, err := slickq.Create[tick](name, slickq.Options{Capacity: 16, Permissions: 0o600})
	check(t, err)
	defer made.Close()
	_, err = slickq.Create[tick](name, slickq.Options{Capacity: 16})
	checkIs(t, err, slickq.ErrExists)
	checkIs(t, err, fs.ErrExist)
	file, err := os.Stat("/dev/shm/" + name)
	check(t, err)
	checkEqual(t, file.Mode().Perm(), 0o600)

	opened, err := slickq.OpenOrCreate[tick](name, slickq.Options{Capacity: 16})
	check(t, err)
	defer opened.Close()
	info := opened.Info()
	if info.Creator || !made.Info().Creator {
		t.Error("who created it?")
	}
	if !info.Shared || info.Name != "/"+name || info.Layout != slickq.LayoutSLQ1 || info.Capacity != 16 ||
		info.ElementSize != 24 || info.ItemsPerSlot != 1 || info.SlotCount != 16 || info.DataOffset != 64+16*16 ||
		info.Length < info.DataOffset+16*24 || info.AnnexOffset == 0 {
		t.Errorf("%+v", info)
	}

	_, err = slickq.Open[tick](name, slickq.Options{Capacity: 32})
	checkIs(t, err, slickq.ErrMismatch)
	var detail *slickq.Error
	if !errors.As(err, &detail) || detail.Op != "open" || detail.Status != slickq.ErrMismatch || detail.Message == "" {
		t.Errorf("%#v", detail)
	}

	check(t, slickq.Remove("/"+name))
	checkIs(t, slickq.Remove(name), fs.ErrNotExist)
}

func TestOptionsReachTheLibrary(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 1024, ItemsPerSlot: 4, Lossless: true, Prefault: true, HugePages: true,
		Layout: slickq.LayoutSLQ2})
	info := q.Info()
	if info.Layout != slickq.LayoutSLQ2 || info.Layout.String() != "SLQ2" || info.ItemsPerSlot != 4 || info.SlotCount != 256 ||
		!info.Lossless || info.SingleProducer || info.PromptProducer || info.Shared || info.Name != "" || info.ReadOnly {
		t.Errorf("%+v", info)
	}
	if !local(t, slickq.Options{Capacity: 8, SingleProducer: true}).Info().SingleProducer {
		t.Error("SingleProducer did not reach the library")
	}
	if !local(t, slickq.Options{Capacity: 8, PromptProducer: true}).Info().PromptProducer {
		t.Error("PromptProducer did not reach the library")
	}
	local(t, slickq.Options{Capacity: 8, LockMemory: true, HugeTLB: true}) // granted or not

	for name, options := range map[string]slickq.Options{
		"no capacity":        {},
		"odd capacity":       {Capacity: 12},
		"negative capacity":  {Capacity: -8},
		"huge capacity":      {Capacity: 1 << 33},
		"negative size":      {Capacity: 8, ElementSize: -24},
		"items per slot":     {Capacity: 8, ItemsPerSlot: 3},
		"layout":             {Capacity: 8, Layout: 99},
		"read-only creation": {Capacity: 8, ReadOnly: true},
	} {
		if _, err := slickq.NewLocal[tick](options); !errors.Is(err, slickq.ErrArgument) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := slickq.Open[tick]("a\x00b", slickq.Options{})
	checkIs(t, err, slickq.ErrName)
	_, err = slickq.Open[tick]("a/b", slickq.Options{})
	checkIs(t, err, slickq.ErrName)
}

func TestReadOnly(t *testing.T) {
	q, name := shared(t, slickq.Options{Capacity: 8})
	writeTicks(t, q, 0, 1)
	readOnly, err := slickq.Open[tick](name, slickq.Options{ReadOnly: true})
	check(t, err)
	defer readOnly.Close()
	_, err = readOnly.Write(tickOf(1))
	checkIs(t, err, slickq.ErrReadOnly)
	checkIs(t, readOnly.Fill(0, []tick{tickOf(1)}), slickq.ErrReadOnly)
	_, err = readOnly.WriteInPlace(1, func([]tick) { t.Error("nothing was reserved") })
	checkIs(t, err, slickq.ErrReadOnly)
	checkIs(t, readOnly.Reset(), slickq.ErrReadOnly)
	checkEqual(t, must(reader(t, readOnly, slickq.ReaderOptions{Start: slickq.StartOldest}).TryRead()).Value(), tickOf(0))
}

func TestOrphans(t *testing.T) {
	q, name := shared(t, slickq.Options{Capacity: 8})
	checkEqual(t, must(q.NameState()), slickq.NameOurs)
	check(t, slickq.Remove(name))
	checkEqual(t, must(q.NameState()), slickq.NameGone)
	_, err := q.Reattach()
	checkIs(t, err, slickq.ErrNotFound)

	other, err := slickq.Create[tick](name, slickq.Options{Capacity: 8})
	check(t, err)
	defer other.Close()
	checkEqual(t, must(q.NameState()), slickq.NameTaken)
	writeTicks(t, other, 5, 6)
	fresh, err := q.Reattach()
	check(t, err)
	defer fresh.Close()
	checkEqual(t, must(fresh.ReadLast(nil)).Value(), tickOf(5))
	_, err = q.ReadLast(nil)
	checkIs(t, err, slickq.ErrEmpty)

	_, err = local(t, slickq.Options{Capacity: 8}).NameState()
	checkIs(t, err, slickq.ErrUnsupported)
}

func TestInspect(t *testing.T) {
	q, name := shared(t, slickq.Options{Capacity: 8})
	writeTicks(t, q, 0, 3)
	found, err := slickq.Inspect(name, 0)
	check(t, err)
	if found.Verdict != 0 || found.Detail != "" || found.Layout != slickq.LayoutSLQ1 || found.Marker != 0x534C5131 ||
		found.InitState != 3 || found.Capacity != 8 || found.ElementSize != 24 || found.ItemsPerSlot != 1 || found.NextIndex != 3 ||
		found.LastPublished != 2 || found.OldestIndex != 0 || found.Published != 3 || found.RequiredLength > found.Length {
		t.Errorf("%+v", found)
	}
	_, err = slickq.Inspect(name+"_no", 0)
	checkIs(t, err, slickq.ErrNotFound)
	_, err = slickq.Inspect(name, -1)
	checkIs(t, err, slickq.ErrArgument)

	foreign := freshName(t)
	check(t, os.WriteFile("/dev/shm/"+foreign, make([]byte, 4096), 0o600))
	found, err = slickq.Inspect(foreign, 0)
	check(t, err)
	checkEqual(t, found.Verdict, slickq.ErrNotReady)
	if found.Detail == "" {
		t.Error("no detail")
	}
	_, err = slickq.Open[tick](foreign, slickq.Options{Timeout: time.Millisecond})
	checkIs(t, err, slickq.ErrNotReady)
}

func TestTheSystemsError(t *testing.T) {
	_, err := slickq.Create[tick](freshName(t), slickq.Options{Capacity: 1 << 31, ElementSize: 24 << 20}) // 48 PB
	checkIs(t, err, slickq.ErrNoSpace)
	var detail *slickq.Error
	if !errors.As(err, &detail) || detail.OSError == 0 || !errors.Is(err, detail.OSError) || errors.Is(err, syscall.EPERM) {
		t.Errorf("%#v", err)
	}
}

func TestVersionAndPlatform(t *testing.T) {
	if slickq.Version() == "" || slickq.VersionNumber() < 10000 || slickq.ABIVersion() < 1 {
		t.Error(slickq.Version(), slickq.VersionNumber(), slickq.ABIVersion())
	}
	sentence, err := slickq.CheckPlatform(slickq.LayoutAny)
	if err != nil || sentence == "" {
		t.Error(sentence, err)
	}
	_, err = slickq.CheckPlatform(99)
	checkIs(t, err, slickq.ErrArgument)
}

func TestIdentity(t *testing.T) {
	name, other := freshName(t), freshName(t)
	made := must(slickq.Create[tick](name, slickq.Options{Capacity: 8}))
	defer made.Close()
	opened := must(slickq.Open[tick](name, slickq.Options{}))
	defer opened.Close()
	foreign := must(slickq.Create[tick](other, slickq.Options{Capacity: 8}))
	defer foreign.Close()
	if opened.Info().Identity == (slickq.Identity{}) || opened.Info().Identity == foreign.Info().Identity {
		t.Error("it tells nothing")
	}
	found := must(slickq.Inspect(name, 0))
	checkEqual(t, opened.Info().Identity, made.Info().Identity)
	checkEqual(t, found.Identity, made.Info().Identity)
	if age := time.Since(found.Created); age < 0 || age > time.Minute || !found.Created.Equal(made.Info().Created) {
		t.Error(age)
	}
}
