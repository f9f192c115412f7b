package trace

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Unable says why programs cannot be traced here; it is empty if they can.
const Unable = ""

// tracer is the tracer's own process. Only the thread that started the program may trace it.
type tracer struct {
	data    string // a path that has no symbolic link
	calls   map[uint64]call
	counts  map[string]int
	pending map[int]func() error // what a thread's call does to the images, if it succeeds
	waiting map[int]bool         // threads that have not stopped since they were seized
	order   Order
	images  images
	reports *os.File

	struck, dying atomic.Bool
}

// serve runs a program until it has ended, or standard input has. It returns the program's
// exit code.
func serve(data, folder, program string, args []string) (code int) {
	runtime.LockOSThread()
	unix.CloseOnExec(reportsFD)
	data, err := filepath.EvalSymlinks(data)
	t := &tracer{
		data: data, calls: calls(), counts: map[string]int{}, pending: map[int]func() error{},
		images: images{data, folder}, reports: os.NewFile(reportsFD, "reports"),
	}
	cmd := exec.Cmd{Path: program, Args: args, Stdout: os.Stdout, Stderr: os.Stderr}
	cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	err = errors.Join(err,
		unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), // orphans are ours, too
		cmd.Start())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	pid, begin := cmd.Process.Pid, make(chan string, 1)
	go t.obey(begin)
	go func() { // until it is armed; WNOWAIT leaves the rest to run
		_ = unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		begin <- ""
	}()
	if order := <-begin; order != "" {
		if err := t.arm(order); err != nil {
			t.report(lineFailed + err.Error())
			t.kill()
		}
	}
	return t.run(pid)
}

// reportsFD is where the tracer reports: the first of ExtraFiles.
const reportsFD = 3

func (t *tracer) report(line string) { fmt.Fprintln(t.reports, line) }

// obey reads the orders: the first says at which call to strike, the second is now.
func (t *tracer) obey(begin chan<- string) {
	lines := bufio.NewScanner(os.Stdin)
	if lines.Scan() {
		begin <- lines.Text()
	}
	if lines.Scan() {
		t.strike()
	}
	for lines.Scan() {
	}
	t.kill()
	begin <- ""
}

// strike kills the program at the call.
func (t *tracer) strike() {
	t.struck.Store(true)
	t.kill()
}

// kill kills the program and all that it has started.
func (t *tracer) kill() {
	t.dying.Store(true)
	for _, pid := range processes(os.Getpid()) {
		_ = unix.Kill(pid, unix.SIGKILL) // it may have ended
	}
}

// arm seizes all threads of the program. Threads that they start are traced by themselves.
func (t *tracer) arm(order string) error {
	cut, name, _ := strings.Cut(order, " ")
	t.order = Order{Call: name, Cut: cut == "true"}
	if t.order.Cut {
		if err := t.images.all(); err != nil {
			return err
		}
	}
	const options = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD |
		unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK
	t.waiting = map[int]bool{}
	for more := true; more; {
		more = false
		for _, tid := range threads(os.Getpid()) {
			if t.waiting[tid] {
				continue
			}
			err := ptrace(unix.PTRACE_SEIZE, tid, 0, options)
			switch {
			case err == nil:
				t.waiting[tid], more = true, true
				_ = unix.PtraceInterrupt(tid) // it may have ended
			case len(t.waiting) == 0:
				return fmt.Errorf("ptrace: %w", err)
			}
		}
	}
	if len(t.waiting) == 0 {
		return errors.New("/proc does not show the program's threads")
	}
	return nil
}

// run resumes whatever stops, until all have ended.
func (t *tracer) run(program int) (code int) {
	for {
		var status unix.WaitStatus
		tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil: // there is no child left
			return t.last(code)
		case status.Stopped():
			t.stopped(tid, status)
			t.stands(tid)
		default:
			t.stands(tid)
			if tid == program {
				code = status.ExitStatus()
				t.kill()
			}
			if t.dying.Load() {
				t.kill() // also what was started meanwhile
			}
		}
	}
}

// last puts the images in place of the data, if the power was cut.
func (t *tracer) last(code int) int {
	if t.struck.Load() && t.order.Cut {
		if err := t.images.place(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if t.struck.Load() {
		t.report(lineStruck)
	}
	return code
}

// stands notes that a thread has stopped since it was seized, or ended.
func (t *tracer) stands(tid int) {
	if t.waiting[tid] {
		delete(t.waiting, tid)
		if len(t.waiting) == 0 {
			t.report(lineArmed)
		}
	}
}

// stopped resumes a thread that has stopped, after a look at why.
func (t *tracer) stopped(tid int, status unix.WaitStatus) {
	const atCall = unix.SIGTRAP | 0x80
	signal, event := status.StopSignal(), int(status)>>16
	switch {
	case signal == atCall:
		t.called(tid)
		signal = 0
	case event != 0: // it has a new thread, or was seized
		signal = 0
	}
	if t.dying.Load() {
		_ = unix.Kill(tid, unix.SIGKILL)
		return
	}
	_ = unix.PtraceSyscall(tid, int(signal)) // it may have ended
}

// called looks at a thread at a system call, before it or after.
func (t *tracer) called(tid int) {
	var info struct {
		op     uint8
		_      [23]byte
		number uint64 // the result, after the call
		args   [6]uint64
	}
	size := unsafe.Sizeof(info)
	if ptrace(unix.PTRACE_GET_SYSCALL_INFO, tid, size, uintptr(unsafe.Pointer(&info))) != nil {
		return // it has just been killed
	}
	if info.op == unix.PTRACE_SYSCALL_INFO_ENTRY {
		if c, found := t.calls[info.number]; found {
			t.before(tid, c, info.args)
		}
		return
	}
	done, found := t.pending[tid]
	delete(t.pending, tid)
	if found && int64(info.number) >= 0 {
		if err := done(); err != nil {
			fmt.Fprintln(os.Stderr, "power cut:", err)
		}
	}
}

// before counts a call that is about a file of the program's data, and strikes if it is
// the one.
func (t *tracer) before(tid int, c call, args [6]uint64) {
	file := t.data
	if !c.all {
		file = path(tid, args, c.file)
	}
	name, inside := t.relative(file)
	if !inside || c.flags > 0 && !creates(file, args[c.flags]) {
		return
	}
	key := c.name + " " + name
	t.counts[key]++
	point := fmt.Sprint(key, " ", t.counts[key])
	t.report(point)
	switch {
	case point == t.order.Call:
		t.strike()
	case !t.order.Cut:
	case c.all:
		t.pending[tid] = t.images.all
	case c.renames:
		from := path(tid, args, c.from)
		t.pending[tid] = func() error { return t.images.rename(from, name) }
	case c.removes:
		t.pending[tid] = func() error { return t.images.remove(name) }
	case c.forces, c.file.path < 0 && synchronous(tid, args[c.file.descriptor]):
		t.pending[tid] = func() error { return t.images.force(name) }
	}
}

// relative returns the name of a file in the data.
func (t *tracer) relative(file string) (name string, inside bool) {
	if file == t.data {
		return "DATA", true
	}
	return strings.CutPrefix(file, t.data+"/")
}

// path returns the path of the file that a call is about.
func path(tid int, args [6]uint64, p place) string {
	from := fmt.Sprintf("/proc/%d/cwd", tid)
	if p.descriptor >= 0 && int32(args[p.descriptor]) != unix.AT_FDCWD {
		from = fmt.Sprintf("/proc/%d/fd/%d", tid, int32(args[p.descriptor]))
	}
	file, _ := os.Readlink(from) // an error means that there is no such file
	if p.path < 0 {
		return file
	}
	name := text(tid, args[p.path])
	if !filepath.IsAbs(name) {
		name = filepath.Join(file, name)
	}
	folder, _ := filepath.EvalSymlinks(filepath.Dir(name))
	return filepath.Join(folder, filepath.Base(name))
}

// creates tells whether opening a file with these flags creates or empties it.
func creates(file string, flags uint64) bool {
	_, err := os.Lstat(file)
	return flags&unix.O_TRUNC != 0 || flags&unix.O_CREAT != 0 && err != nil
}

// synchronous tells whether each write to a descriptor is forced.
func synchronous(tid int, fd uint64) bool {
	info, _ := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", tid, fd))
	_, rest, _ := strings.Cut(string(info), "flags:")
	flags, _ := strconv.ParseUint(strings.Fields(rest + " 0")[0], 8, 64)
	return flags&unix.O_DSYNC != 0
}

// text reads a string of a thread.
func text(tid int, address uint64) string {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", tid))
	if err != nil {
		return ""
	}
	defer memory.Close()
	b := make([]byte, unix.PathMax)
	n, _ := memory.ReadAt(b, int64(address)) // it ends where the memory does
	s, _, _ := bytes.Cut(b[:n], []byte{0})
	return string(s)
}

func ptrace(request, tid int, address, data uintptr) error {
	_, _, number := unix.Syscall6(
		unix.SYS_PTRACE, uintptr(request), uintptr(tid), address, data, 0, 0)
	if number != 0 {
		return number
	}
	return nil
}

// processes returns all that a process has started and that has not ended.
func processes(pid int) (list []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range files {
		children, _ := os.ReadFile(file)
		for child := range strings.FieldsSeq(string(children)) {
			pid, _ := strconv.Atoi(child)
			list = append(append(list, pid), processes(pid)...)
		}
	}
	return list
}

// threads returns the threads of all that a process has started.
func threads(pid int) (list []int) {
	for _, pid := range processes(pid) {
		tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		for _, task := range tasks {
			tid, _ := strconv.Atoi(task.Name())
			list = append(list, tid)
		}
	}
	return list
}
