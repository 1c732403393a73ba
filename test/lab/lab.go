// Package lab proves Plaza against a real cloud: a region of OpenStack and a cluster of Ceph on the lab's nodes. The tests
// run a plazad of their own beside it, and take the cloud's stock clients as witnesses. Without $PLAZA_LAB, the folder in
// which the lab keeps lab.env and clouds.yaml, they are skipped.
package lab
